"""`make bench`: how fast the whole portal is on this machine, against issue 2's figures and against a naive way."""
