// A vector as a state has it before training takes it: numbers at hand, or kept in a file until they are written to where they
// are wanted. A checkpoint's vectors are several times the weights, and read at hand first they would be in memory twice.

/** Its numbers, or what writes all of them to where they are wanted, as often as it is called; that throws where a file fails. */
export type StoredVector = Float32Array | ((into: Float32Array) => void);

export function writeVector(vector: StoredVector, into: Float32Array): void {
  if (typeof vector === 'function') vector(into);
  else into.set(vector);
}

/** The numbers at hand. `size`: how many they are. */
export function numbersOf(vector: StoredVector, size: number): Float32Array {
  if (typeof vector !== 'function') return vector;
  const numbers = new Float32Array(size);
  vector(numbers);
  return numbers;
}
