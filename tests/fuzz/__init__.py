"""Files of random content, many of them, through what reads files of strangers."""
