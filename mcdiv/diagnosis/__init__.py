"""What is wrong with two pmfs, or with a number that should be their divergence."""
