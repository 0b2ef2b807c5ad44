/**
 * Letters beyond ASCII that the edge can compare. Its runtime has no `String.prototype.normalize`, so
 * it can fold a text only where normalising it (NFKC) would change nothing but the case, and where the
 * simple case mapping is the whole of it. These are such letters of scripts that are written without
 * combining marks, and the signs that stand in addresses. The tests prove it for each of them.
 */

/** First and last code points of ranges, in pairs, in their order. ASCII is the first. */
export const LETTERS: readonly number[] = [
  0x0, 0x7f,
  // Latin, without what is several letters in one (ß, ŉ, ĳ) or shares its capital (ı, ſ)
  0xbf, 0xde, 0xe0, 0x12f, 0x134, 0x13e, 0x141, 0x148, 0x14a, 0x17e, 0x180, 0x1c3, 0x1cd, 0x1ef,
  0x1f4, 0x2af,
  // Greek, without sigma, whose small form depends on its place
  0x388, 0x38f, 0x391, 0x3a2, 0x3a4, 0x3af, 0x3b1, 0x3c1, 0x3c4, 0x3ce,
  // Cyrillic and Armenian, Hebrew, Arabic
  0x400, 0x482, 0x48a, 0x586, 0x5d0, 0x5ea, 0x61b, 0x64a,
  // Latin of Vietnam, dashes and quotation marks
  0x1e00, 0x1e95, 0x1ea0, 0x1eff, 0x2012, 0x2016, 0x2018, 0x2023,
  // kana, Han, Hangul
  0x3001, 0x3029, 0x303b, 0x3096, 0x30a0, 0x30fe, 0x3400, 0x9fff, 0xac00, 0xd7a3,
  // emoji, and the second half of one where a text is read in halves
  0xdc00, 0xdfff, 0x1f300, 0x1fbef,
]
