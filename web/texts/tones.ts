import type { Tone } from '../components/words.ts'

/** How easily data of a sharing type are had; the word stands beside the colour. */
export const SHARING_TONES: Readonly<Record<string, Tone>> = {
  unconditional: 'good',
  conditional: 'info',
  none: 'quiet',
}
