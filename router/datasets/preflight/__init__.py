"""What is wrong with a dataset before anything is learned from it: pure, on pixels and words."""
