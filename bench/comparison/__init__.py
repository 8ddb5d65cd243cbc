"""Eigenformer beside its peers: the same models, the same threads, in turn. bench/compare.py is the entry.

    places      where models, programs and peers lie
    work        what is measured, and the sessions that measure it
    rounds      everybody in turn, round after round
    report      medians, ratios, the aims, JSON
    chart       the picture of a report
    peers/      one file an engine: what it offers, how it converts a model, how it computes
    workloads/  one file a part of the comparison
    models/     recipes for models that are made here

The driver needs the standard library alone. Engines that are Python packages run in processes of the interpreter that
bench/install_peers sets up: `python -m comparison.worker` serves one, `python -m comparison.convert` prepares a model.
"""
