"""What votes tell, with honest intervals: pure functions over columns of votes, numpy alone."""
