// The compiled build of the room format/: every body that its headers declare.
