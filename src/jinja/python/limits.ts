/** Thrown where a template would take more time or memory than any honest one needs; the message says of what. */
export class LimitError extends Error {}

/** Items that one list, or one pass over an iterator, may have. */
export const MOST_ITEMS = 1 << 21;

/** Characters that the printed form of one container may have. */
const MOST_PRINTED = 1 << 23;

/** Throws LimitError where a list would have too many items. */
export function boundItems(count: number): void {
  if (count > MOST_ITEMS) throw new LimitError(`a list may have at most ${MOST_ITEMS} items`);
}

/** Throws LimitError where the printed form of a container would be too long. */
export function boundPrinted(length: number): void {
  if (length > MOST_PRINTED) throw new LimitError('a list or dict is too large to be printed');
}
