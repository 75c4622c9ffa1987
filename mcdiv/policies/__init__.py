"""The KL term in training a policy P towards a reference Q: what one draw estimates, in value and in gradient."""
