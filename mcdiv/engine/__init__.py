"""From a scenario to its findings: plan, blocks, their estimates, and what they come to. Pure, but for the cache."""
