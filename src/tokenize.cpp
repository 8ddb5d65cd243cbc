// The compiled build of the room tokenize/: every body that its headers declare.
