/** What the demo makes beside its traffic, by name: with the demo's data it is removed again. */
export const demoWork = {
  goldenSet: 'demo-support-answers',
  reviewQueues: ['demo-support', 'demo-support-sample'],
  feature: 'support-bot',
  /** Who wrote the words of the model card. */
  author: 'Demo',
} as const;
