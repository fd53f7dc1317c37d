import type { JudgeSettings, Rubric } from '#contract/judge.ts';
import { readJudgeSpend } from '#store/state/judges.ts';
import type { QualityDeps } from '../deps.ts';
import { type Example, notJudged, type Verdict } from '../evaluators/evaluator.ts';
import { parseAnswer, scoreValue } from './answer.ts';
import { askChat, type ChatMessage, type ChatReply, JudgeUnreachable } from './endpoint.ts';
import { nanosOf, readSettings } from './settings.ts';
import { spendWriter } from './spend-writer.ts';

/** What one call of a judge used; null is unknown. */
export interface JudgeUsage {
  provider: string;
  requestModel: string;
  responseModel: string;
  inputTokens: number | null;
  outputTokens: number | null;
  cachedTokens: number | null;
  atMs: number;
}

export interface JudgeOptions {
  /** Nano-dollars of a call, by the price book; null when it has no price. */
  priceOf(usage: JudgeUsage): Promise<bigint | null>;
  /** Hears of every answered call, e.g. to send its span. */
  onCall?(call: { usage: JudgeUsage; durationMs: number; rubric: string; baseUrl: string }): void;
  /** First pause before another attempt, milliseconds. */
  backoffMs?: number;
}

/** A verdict with what it took; the cost is null when nobody knows the price, or nothing was asked. */
export interface Judgement {
  verdict: Verdict;
  costNanos: number | null;
  durationMs: number;
}

export type JudgeSetting = Awaited<ReturnType<typeof readSettings>>;

export interface Judge {
  /** By the settings that are saved, unless others are to be tried. */
  judge(rubric: Rubric, example: Example, by?: JudgeSetting): Promise<Judgement>;
  /** Everything that was spent so far is written. */
  settled(): Promise<void>;
  /** No more questions; the ones under way end. */
  stop(): void;
}

const longestPart = 24_000;

/**
 * Asks the model that the settings name. Never throws for what the model or its endpoint does: the verdict has no value then and says why. At
 * most `concurrency` questions are under way; none is asked once the day's spend, with what is under way, reaches the cap.
 */
export function createJudge({ state, projectId, clock, log }: QualityDeps, options: JudgeOptions): Judge {
  const stopping = new AbortController();
  const waiting: (() => void)[] = [];
  let underWay = 0;
  const spending = spendWriter(state, projectId);
  /** What a question may cost before it is answered: the dearest of this process so far. */
  let dearestNanos = 0;

  async function inTurn<T>(limit: number, work: () => Promise<T>): Promise<T> {
    while (underWay >= limit) await new Promise<void>(go => waiting.push(go));
    underWay += 1;
    try {
      return await work();
    } finally {
      underWay -= 1;
      waiting.shift()?.();
    }
  }

  const dayOf = () => new Date(clock.now()).toISOString().slice(0, 10);

  async function capReached({ cap_usd_per_day: cap }: JudgeSettings): Promise<boolean> {
    if (cap === null) return false;
    const spent = (await readJudgeSpend(state, projectId, dayOf())).spent_nanos + spending.unwrittenNanos();
    // Who asks is under way already, and what it may cost with the others must fit.
    return spent >= nanosOf(cap) || spent + underWay * dearestNanos > nanosOf(cap);
  }

  function record(usage: JudgeUsage | null, nanos: bigint | null, failed: number): void {
    dearestNanos = Math.max(dearestNanos, Number(nanos ?? 0n));
    spending.add({
      project_id: projectId,
      day: dayOf(),
      spent_nanos: Number(nanos ?? 0n),
      calls: usage ? 1 : 0,
      input_tokens: usage?.inputTokens ?? 0,
      output_tokens: usage?.outputTokens ?? 0,
      unpriced_calls: usage && nanos === null ? 1 : 0,
      failed_calls: failed,
    });
  }

  async function ask(
    messages: ChatMessage[],
    rubric: Rubric,
    { settings, apiKey }: JudgeSetting,
  ): Promise<{ reply: ChatReply; nanos: bigint | null }> {
    let failed = 0;
    try {
      const reply = await askChat(
        messages,
        {
          baseUrl: settings.base_url,
          apiKey,
          model: settings.model,
          timeoutMs: settings.timeout_ms,
          retries: settings.retries,
          signal: stopping.signal,
          ...(options.backoffMs !== undefined && { backoffMs: options.backoffMs }),
        },
        () => {
          failed += 1;
        },
      );
      const usage: JudgeUsage = {
        provider: settings.provider,
        requestModel: settings.model,
        responseModel: reply.model,
        inputTokens: reply.inputTokens,
        outputTokens: reply.outputTokens,
        cachedTokens: reply.cachedTokens,
        atMs: reply.startMs,
      };
      const nanos = await options.priceOf(usage);
      record(usage, nanos, failed);
      options.onCall?.({
        usage,
        durationMs: reply.durationMs,
        rubric: rubric.name,
        baseUrl: settings.base_url,
      });
      return { reply, nanos };
    } catch (error) {
      if (error instanceof JudgeUnreachable) record(null, 0n, failed);
      throw error;
    }
  }

  /** An answer that cannot be read is asked for once more, in so many words. */
  async function judged(rubric: Rubric, example: Example, at: JudgeSetting): Promise<Judgement> {
    const messages = messagesFor(rubric, example);
    let costNanos: number | null = 0;
    let durationMs = 0;
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (await capReached(at.settings)) {
        return {
          verdict: notJudged(`the judge's cap of ${at.settings.cap_usd_per_day} USD for today is reached`),
          costNanos,
          durationMs,
        };
      }
      const { reply, nanos } = await ask(messages, rubric, at);
      costNanos = nanos === null || costNanos === null ? null : costNanos + Number(nanos);
      durationMs += reply.durationMs;
      const said = parseAnswer(reply.text, rubric.scale);
      if (said) {
        const verdict = {
          value: scoreValue(said.score, rubric.scale),
          label: String(said.score),
          explanation: said.reason,
        };
        return { verdict, costNanos, durationMs };
      }
      messages.push({ role: 'user', content: 'That could not be read. Answer with the JSON object alone.' });
    }
    return { verdict: notJudged('the judge gave no score that could be read'), costNanos, durationMs };
  }

  return {
    async judge(rubric, example, by) {
      const at = by ?? (await readSettings(state, projectId));
      const nothing = { costNanos: null, durationMs: 0 };
      if (at.settings.model === '') return { verdict: notJudged('no judge is set'), ...nothing };
      try {
        return await inTurn(at.settings.concurrency, () => judged(rubric, example, at));
      } catch (error) {
        if (!(error instanceof JudgeUnreachable)) throw error;
        log.warn({ rubric: rubric.name, status: error.status }, `judge: ${error.message}`);
        return { verdict: notJudged(error.message), ...nothing };
      }
    },
    settled: () => spending.settled(),
    stop: () => stopping.abort(),
  };
}

function messagesFor(rubric: Rubric, example: Example): ChatMessage[] {
  const parts: [string, string | undefined][] = [
    ['question', example.input],
    ['sources', example.context?.map((passage, at) => `[${at + 1}] ${passage}`).join('\n\n')],
    ['reference', example.reference],
    ['answer', example.output],
  ];
  const shown = parts
    .filter((part): part is [string, string] => part[1] !== undefined)
    .map(([name, text]) => `<<<${name}\n${text.slice(0, longestPart)}\n${name}>>>`);
  return [
    { role: 'system', content: rubric.text },
    { role: 'user', content: shown.join('\n\n') },
  ];
}
