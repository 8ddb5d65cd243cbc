// The compiled build of the room generate/: every body that its headers declare.
