// The compiled build of the room chat/: every body that its headers declare.
