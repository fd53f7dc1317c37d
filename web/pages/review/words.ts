/** `1 item`, `2 items`. */
export const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

/** How strong an agreement is, in the words of Landis and Koch (1977). */
export function strength(kappa: number): string {
  if (kappa <= 0) return 'none beyond chance';
  if (kappa <= 0.2) return 'slight';
  if (kappa <= 0.4) return 'fair';
  if (kappa <= 0.6) return 'moderate';
  return kappa <= 0.8 ? 'substantial' : 'almost perfect';
}
