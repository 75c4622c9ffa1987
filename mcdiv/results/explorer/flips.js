// Real flips: a generator that the address of the page can repeat, and the path of p̂ flip by flip.

// xoshiro128** of Blackman and Vigna (2021), its state filled by a Weyl sequence through a mixing function.
export function generator(seed) {
  const state = new Uint32Array(4);
  for (let i = 0; i < 4; i++) {
    let z = (seed + Math.imul(i + 1, 0x9e3779b9)) >>> 0;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    state[i] = z ^ (z >>> 15);
  }
  const word = () => {
    const scrambled = Math.imul(rotated(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotated(state[3], 11);
    return scrambled;
  };
  // 53 bits: 27 of one word and 26 of the next.
  return () => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992;
}

const rotated = (x, by) => (x << by) | (x >>> (32 - by));

// The numbers of flips at which a path is drawn: all the early ones, then ever sparser.
export function checkpoints(N) {
  const points = [];
  for (let n = 1; n < N; n = Math.max(n + 1, Math.floor(n * 1.03))) points.push(n);
  points.push(N);
  return points;
}

// One experiment: N flips of a coin with P(heads) = p, and how many heads there were at each checkpoint.
export function experiment(random, p, points) {
  let heads = 0;
  let flipped = 0;
  const path = points.map((until) => {
    for (; flipped < until; flipped++) if (random() < p) heads++;
    return heads;
  });
  return { path, heads };
}

// The first `runs` experiments of a seed: always the same, so that a link shows the same flips again.
export function experiments(seed, runs, p, N) {
  const random = generator(seed);
  const points = checkpoints(N);
  return { points, runs: Array.from({ length: runs }, () => experiment(random, p, points)) };
}
