import { brotliDecompressSync } from 'node:zlib';

const packed =
  'G/8vaJ+FsZujZIiI7SyUP2mMUOkQwLluUSZROAoaD2QNNJG10XTEnxapn7K7w30E1eWpLDjAIQd4lwAgMf6WMBcFDRCAkGTdr43lQ5xF6VWidq5pJyBTBn6R55VX1gDwWw4AslO//9ir3JYtNHrvrXJY3zYAwB+4gBcAMgDoAJAwfg==';

/** An empty database as a DuckDB of a later storage version writes it. */
export function newerDatabase(): Buffer {
  return brotliDecompressSync(Buffer.from(packed, 'base64'));
}
