// The compiled build of the room quant/: every body that its headers declare.
