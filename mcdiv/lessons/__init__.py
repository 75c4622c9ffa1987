"""The article's two lessons: the derivation of the identity, and a model learnt by minimising cross-entropy."""
