// The compiled build of the room nn/: every body that its headers declare.
