import { findChangePoints } from '../drift/change-points.ts';
import { readTcpd } from './tcpd-files.ts';
import { changePointF1, covering } from './tcpd-score.ts';

export interface TcpdScores {
  f1: number;
  cover: number;
}

/**
 * Scores the retrospective change points on a folder in the format of the Turing Change Point Dataset (`annotations.json`,
 * `series/`): means over its series, one setting for all. Throws a plain sentence for another format.
 */
export function scoreTcpd(folder: string): TcpdScores {
  const series = readTcpd(folder);
  if (series.length === 0) throw new Error('annotations.json names no series');
  const scores = series.map(({ dimensions, annotations }) => {
    const found = findChangePoints(dimensions);
    return {
      f1: changePointF1(annotations, found),
      cover: covering(annotations, found, dimensions[0]!.length),
    };
  });
  const mean = (of: keyof TcpdScores) => scores.reduce((sum, score) => sum + score[of], 0) / scores.length;
  return { f1: mean('f1'), cover: mean('cover') };
}
