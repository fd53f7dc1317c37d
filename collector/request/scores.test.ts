import { describe, expect, test } from 'vitest';
import { aLog, aSpan } from '../../test/support/telemetry.ts';
import type { Attributes } from '../telemetry.ts';
import { describeSpan } from './describe.ts';
import { logScores, spanScores } from './scores.ts';

const traceId = aSpan().traceId;
const spanId = aSpan().spanId;

function scoresOf(over: Parameters<typeof aSpan>[0]) {
  const span = aSpan(over);
  return spanScores(span, describeSpan(span));
}

describe('evaluation results as log records', () => {
  const result = (attributes: Attributes, over = {}) =>
    logScores(
      aLog({
        eventName: 'gen_ai.evaluation.result',
        attributes: { 'gen_ai.evaluation.name': 'Relevance', ...attributes },
        ...over,
      }),
    );

  test('judge the answer they name', () => {
    const attributes = {
      'gen_ai.evaluation.score.value': '0.82',
      'gen_ai.evaluation.score.label': 'relevant',
      'gen_ai.evaluation.explanation': 'knapp',
      'gen_ai.response.id': 'resp_1',
    };
    expect(result(attributes)).toEqual([
      {
        timeNs: 2_000_000_000n,
        name: 'Relevance',
        value: 0.82,
        label: 'relevant',
        explanation: 'knapp',
        target: 'response',
        traceId,
        spanId,
        responseId: 'resp_1',
        session: '',
      },
    ]);
  });

  test('else the span, else the trace they were written in', () => {
    expect(result({})).toMatchObject([{ target: 'span', spanId }]);
    expect(result({}, { spanId: '' })).toMatchObject([{ target: 'trace', traceId }]);
    expect(result({}, { spanId: '', traceId: '' })).toEqual([]);
    const session = { 'session.id': 's-1' };
    expect(result(session, { spanId: '', traceId: '' })).toMatchObject([
      { target: 'session', session: 's-1' },
    ]);
  });

  test('bear the id their sender gave them', () => {
    expect(result({ 'driftline.score.id': 'mine' })).toMatchObject([{ id: 'mine' }]);
    expect(result({})[0]).not.toHaveProperty('id');
  });

  test('say with what chance they were chosen and who judged, when that makes sense', () => {
    const origin = (probability: string, kind: string) =>
      result({
        'gen_ai.evaluation.score.value': '1',
        'driftline.score.sampling_probability': probability,
        'driftline.score.annotator_kind': kind,
        'driftline.score.evaluator': 'relevancy@3',
      });
    expect(origin('0.25', 'LLM')).toMatchObject([
      { value: 1, probability: 0.25, rater: 'judge', evaluator: 'relevancy@3' },
    ]);
    for (const wrong of ['0', '1.5', '-1', 'often', 'NaN']) {
      const [score] = origin(wrong, 'CROWD');
      expect(score).not.toHaveProperty('probability');
      expect(score).not.toHaveProperty('rater');
    }
  });

  test('a score of 0 and none are different, and a failed evaluation says why', () => {
    expect(result({ 'gen_ai.evaluation.score.value': '0' })).toMatchObject([{ value: 0 }]);
    const [failed] = result({ 'error.type': 'timeout' });
    expect(failed).toMatchObject({ errorType: 'timeout' });
    expect(failed).not.toHaveProperty('value');
  });

  test('feedback of users is one with a name of its own', () => {
    const attributes = {
      'gen_ai.evaluation.name': 'user_feedback',
      'gen_ai.evaluation.score.value': '-1',
      'gen_ai.evaluation.score.label': 'thumbs_down',
      'gen_ai.response.id': 'resp_1',
    };
    expect(result(attributes)).toMatchObject([{ name: 'user_feedback', value: -1, label: 'thumbs_down' }]);
  });

  test('without a name there is nothing to chart', () => {
    expect(result({ 'gen_ai.evaluation.name': '' })).toEqual([]);
    expect(logScores(aLog({ eventName: 'app.started' }))).toEqual([]);
  });
});

test('evaluation results as span events', () => {
  const attributes = { 'gen_ai.evaluation.name': 'Toxicity', 'gen_ai.evaluation.score.value': '0' };
  const events = [{ name: 'gen_ai.evaluation.result', timeNs: 5n, attributes }];
  expect(scoresOf({ events })).toMatchObject([
    { timeNs: 5n, name: 'Toxicity', value: 0, target: 'span', spanId },
  ]);
});

test('OpenInference evaluations and annotations of span, trace and session', () => {
  const attributes = {
    'openinference.span.kind': 'LLM',
    'session.id': 's',
    'evaluations.0.evaluation.name': 'faithful',
    'evaluations.0.evaluation.score': '0.9',
    'evaluations.0.evaluation.annotator_kind': 'HUMAN',
    'driftline.score.sampling_probability': '0.5',
    'trace.evaluations.0.evaluation.name': 'solved',
    'trace.evaluations.0.evaluation.label': 'yes',
    'session.annotations.10.annotation.name': 'mood',
    'session.annotations.10.annotation.score': '-0.5',
    'session.annotations.10.annotation.explanation': 'gruff',
    'annotations.1.annotation.score': '1',
  };
  expect(scoresOf({ attributes })).toMatchObject([
    { name: 'faithful', value: 0.9, target: 'span', spanId, rater: 'human', probability: 0.5 },
    { name: 'solved', label: 'yes', target: 'trace', traceId, spanId: '' },
    { name: 'mood', value: -0.5, explanation: 'gruff', target: 'session', session: 's' },
  ]);
});

describe('evaluator spans judge the span they are in', () => {
  const langfuse = (output: string) => ({
    name: 'hallucination-check',
    parentSpanId: 'aaaaaaaaaaaaaaaa',
    attributes: { 'langfuse.observation.type': 'evaluator', 'langfuse.observation.output': output },
  });

  test('by a JSON answer', () => {
    expect(scoresOf(langfuse('{"score":0.8,"label":"ok","explanation":"fine"}'))).toMatchObject([
      {
        name: 'hallucination-check',
        value: 0.8,
        label: 'ok',
        explanation: 'fine',
        spanId: 'aaaaaaaaaaaaaaaa',
      },
    ]);
    const attributes = { 'openinference.span.kind': 'EVALUATOR', 'output.value': '0.5' };
    expect(scoresOf({ name: 'e', attributes })).toMatchObject([{ value: 0.5, target: 'trace' }]);
  });

  test('an answer in words is no score', () => {
    expect(scoresOf(langfuse('looks good'))).toEqual([]);
  });
});
