/* What a library needs that is built with NEIGHBOUR. */
int neighbour(void);
int neighbour(void) { return 1; }
