"""The estimators of the gradient of KL(P‖Q) of sequences that ship: k1, k2, k3 and the exact sum, by token and whole.

d_t = ln(p_t/q_t) of the token drawn at place t of T, and k3_t likewise; a sequence gives the gradient
Σ_t c_t ∇ ln p_t, where no other is said. In a ratio o is the policy that drew the sequence, a constant. Here that is P,
and each ratio is 1; where it is not, `sequence_ratios` has what takes the place of the estimators with a ratio.
"""

import numpy as np

from mcdiv.core.arrays import Array
from mcdiv.policies.sequence_gradients import Score, prefix_slopes, sequence_gradient
from mcdiv.policies.sequences import Along


@sequence_gradient("k1 in reward, return to go")
def k1_reward_return_to_go(along: Along) -> Score:
    """Each token is charged with its own k1 and those after it, as numbers.

    Formula: c_t = Σ_{u ≥ t} d_u
    Valid:   q > 0 where p > 0. Exact.
    Source:  Sutton et al. (2000), Policy gradient methods for reinforcement learning with function approximation
    """
    own = along.log_ratio - along.tree.sums_so_far(along.log_ratio)
    return Score(own, ((np.ones_like(own), along.sequence_log_ratio),))


@sequence_gradient("k1 in reward, whole sequence")
def k1_reward_whole_sequence(along: Along) -> Score:
    """Each token is charged with the k1 of the whole sequence, a number.

    Formula: c_t = Σ_u d_u
    Valid:   q > 0 where p > 0. Exact.
    Source:  Williams (1992), Simple statistical gradient-following algorithms
    """
    return _of_the_whole(along, along.sequence_log_ratio)


@sequence_gradient("k1 in reward, own token only")
def k1_reward_own_token(along: Along) -> Score:
    """Each token is charged with its own k1 alone, a number.

    Formula: c_t = d_t
    Valid:   q > 0 where p > 0. Without what a token does to those after it: exact only with the prefixes held fixed.
    Source:  by definition
    """
    return Score(along.log_ratio)


@sequence_gradient("k1 in loss")
def k1_loss(along: Along) -> Score:
    """The sum of the k1 of the tokens, differentiated.

    Formula: c_t = 1
    Valid:   q > 0 where p > 0. Its expectation is 0, whatever Q is: it holds nothing of the divergence.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html; the gradient by definition
    """
    return Score(np.ones_like(along.log_ratio))


@sequence_gradient("k2 in loss, summed over tokens")
def k2_loss(along: Along) -> Score:
    """The sum of the k2 of the tokens, differentiated.

    Formula: c_t = d_t
    Valid:   q > 0 where p > 0. For every sequence the gradient of k1 in the reward of its own token.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html; the gradient by definition
    """
    return Score(along.log_ratio)


@sequence_gradient("k2 of the sequence in loss")
def k2_loss_of_the_sequence(along: Along) -> Score:
    """½ ln²(P/Q) of the whole sequence, differentiated.

    Formula: c_t = Σ_u d_u
    Valid:   q > 0 where p > 0. Exact: for every sequence the gradient of k1 in the reward of the whole sequence.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html; the gradient by definition
    """
    return _of_the_whole(along, along.sequence_log_ratio)


@sequence_gradient("k3 in loss, summed over tokens")
def k3_loss(along: Along) -> Score:
    """The sum of the k3 of the tokens, differentiated.

    Formula: c_t = 1 − q_t/p_t
    Valid:   p and q are 0 in the same places. The gradient of KL(Q‖P) at each prefix, over
             the prefixes that P visits, held fixed.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html; the gradient by definition
    """
    return Score(along.k3_slope)


@sequence_gradient("k3 in loss, mean over the tokens of a sequence")
def k3_loss_mean(along: Along) -> Score:
    """The mean of the k3 of the tokens of a sequence, differentiated.

    Formula: c_t = (1 − q_t/p_t)/T
    Valid:   p and q are 0 in the same places. Besides, it weighs the tokens of long sequences less.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html; the gradient by definition
    """
    return Score(np.zeros_like(along.k3_slope), ((along.k3_slope, 1 / along.lengths),))


@sequence_gradient("k3 of the sequence in loss")
def k3_loss_of_the_sequence(along: Along) -> Score:
    """Q/P − 1 − ln(Q/P) of the whole sequence, differentiated.

    Formula: c_t = 1 − Q/P
    Valid:   p and q are 0 in the same places. The gradient of KL(Q‖P) of sequences.
    Source:  Schulman (2020), Approximating KL divergence, joschu.net/blog/kl-approx.html; the gradient by definition
    """
    with np.errstate(over="ignore"):
        return _of_the_whole(along, 0.0 - np.expm1(0.0 - along.sequence_log_ratio))


@sequence_gradient("token k3 x sequence ratio, differentiated")
def k3_sequence_ratio(along: Along) -> Score:
    """The sum of the k3 of the tokens times the ratio of the whole sequence, both differentiated.

    Formula: w Σ_t k3_t with w = Π_u p_u/o_u;  c_t = 1 − q_t/p_t + Σ_u k3_u
    Valid:   p and q are 0 in the same places. Exact.
    Source:  by definition
    """
    return Score(along.k3_slope, ((np.ones_like(along.k3), along.summed(along.k3)),))


@sequence_gradient("token k3 x sequence-mean ratio, differentiated")
def k3_sequence_mean_ratio(along: Along) -> Score:
    """The sum of the k3 of the tokens times the geometric mean of the ratios of the tokens, both differentiated.

    Formula: w Σ_t k3_t with w = (Π_u p_u/o_u)^(1/T);  c_t = 1 − q_t/p_t + Σ_u k3_u/T
    Valid:   p and q are 0 in the same places. Biased, unless all sequences have one token.
    Source:  the ratio: Zheng et al. (2025), Group sequence policy optimization; the gradient by definition
    """
    return Score(along.k3_slope, ((np.ones_like(along.k3), along.summed(along.k3) / along.lengths),))


@sequence_gradient("token k3 x own-token ratio, differentiated")
def k3_own_token_ratio(along: Along) -> Score:
    """The sum over the tokens of k3 times the token's own ratio, both differentiated.

    Formula: Σ_t w_t k3_t with w_t = p_t/o_t;  c_t = 1 − q_t/p_t + k3_t = d_t
    Valid:   q > 0 where p > 0. For every sequence the gradient of k1 in the reward of its own token.
    Source:  by definition
    """
    return Score(along.log_ratio)


@sequence_gradient("exact KL at each prefix in loss, prefixes not differentiated")
def exact_loss(along: Along) -> Score:
    """The divergence of what comes next at each visited prefix, summed over all its tokens (Rao–Blackwellised).

    Formula: Σ_t ∇KL_t, KL_t at the prefix of token t
    Valid:   q > 0 where p > 0. Without what a token does to those after it: exact only with the prefixes held fixed.
    Source:  Amini, Vieira & Cotterell (2025), Better estimation of the KL divergence between language models
    """
    return Score(np.zeros_like(along.log_ratio), exact=prefix_slopes(along))


@sequence_gradient("exact KL at each prefix in loss, prefixes differentiated")
def exact_loss_and_reward(along: Along) -> Score:
    """The same, and each token is charged with the divergences at the prefixes after it, as numbers.

    Formula: Σ_t (∇KL_t + c_t ∇ ln p_t) with c_t = Σ_{u > t} KL_u
    Valid:   q > 0 where p > 0. Exact.
    Source:  Amini, Vieira & Cotterell (2025), Better estimation of the KL divergence between language models
    """
    own = 0.0 - along.tree.sums_so_far(along.prefix_kl[along.tree.prefix])
    return Score(own, ((np.ones_like(own), along.visited_kl),), prefix_slopes(along))


def _of_the_whole(along: Along, whole: Array) -> Score:
    none = np.zeros(along.tree.p.shape)
    return Score(none, ((none + 1, whole),))
