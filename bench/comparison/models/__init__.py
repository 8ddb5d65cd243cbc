"""Models that are made here, by `python -m comparison.models NAME SOURCE TARGET` where the peers' packages are."""
