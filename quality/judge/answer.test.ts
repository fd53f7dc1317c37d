import { describe, expect, it } from 'vitest';
import { parseAnswer, scoreValue } from './answer.ts';

describe('what a judge says', () => {
  it.each([
    ['plain', '{"reason": "fine", "score": 4}', 4],
    ['a fence', '```json\n{"score": 2, "reason": "off {topic}"}\n```', 2],
    ['prose around it', 'Let me think. {"a": 1} Thus: {"reason": "says \\"}\\"", "score": 5}. Done.', 5],
    ['a quoted number', '{"score": "3", "reason": ""}', 3],
    ['a fraction', '{"score": "4/5", "reason": ""}', 4],
    ['other names', '{"rating": 1, "explanation": "rude"}', 1],
    ['words', 'Reason: short. Score: 4/5', 4],
    ['broken JSON', '{"score": 3, "reason": "cut o', 3],
    ['the last of several', '{"score": 1} no, rather {"score": 5}', 5],
  ])('%s', (_name, text, score) => {
    expect(parseAnswer(text, '1-5')?.score).toBe(score);
  });

  it.each([
    ['nothing', ''],
    ['out of the scale', '{"score": 9}'],
    ['another scale', '{"score": "8/10"}'],
    ['two different numbers', 'score: 3, or rather score: 4'],
    ['no number', '{"score": "good"}'],
    ['null', '{"score": null}'],
  ])('cannot be read: %s', (_name, text) => {
    expect(parseAnswer(text, '1-5')).toBeNull();
  });

  it('becomes a value from 0 to 1', () => {
    expect([
      scoreValue(1, '1-5'),
      scoreValue(3, '1-5'),
      scoreValue(5, '1-5'),
      scoreValue(0.4, '0-1'),
    ]).toEqual([0, 0.5, 1, 0.4]);
    expect(parseAnswer('{"score": 0.25, "reason": "one of four"}', '0-1')).toEqual({
      score: 0.25,
      reason: 'one of four',
    });
  });
});
