/** What of a histogram is shown. Apart from the chart, so that the router does not load it. */
export const histogramFigures = ['quantiles', 'count', 'sum'] as const;
export type HistogramFigure = (typeof histogramFigures)[number];
