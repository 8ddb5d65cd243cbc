// The compiled build of the room ops/: every body that its headers declare.
