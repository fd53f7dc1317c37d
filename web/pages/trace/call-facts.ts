import type { Call } from '#contract/trace.ts';
import { format } from '../../format.ts';

/** What is known of a call, in words; what is not known is left out. */
export function callFacts(call: Call): { label: string; value: string }[] {
  const facts: [string, string | null][] = [
    ['Model', call.model || call.response_model || call.request_model],
    ['Requested model', call.request_model === call.model ? null : call.request_model],
    ['Provider', call.provider],
    ['Operation', call.operation],
    ['Time to first token', call.ttft_ms === null ? null : format.latency(call.ttft_ms)],
    ['Streaming', call.streaming === null ? null : call.streaming ? 'yes' : 'no'],
    ['Finish reason', call.finish_reason],
    ['Attempts', call.attempts > 1 ? `${call.attempts}, ${call.failed_attempts} failed` : null],
    ['Tool calls requested', call.tool_calls_requested ? format.count(call.tool_calls_requested) : null],
    ['Prompt version', call.prompt],
    ['Variant', call.variant],
    ['Agent', call.agent],
    ['Feature', call.feature],
    ['Tenant', call.tenant],
    ['Team', call.team],
    ['Purpose', call.purpose],
    ['User', call.user],
    ['Session', call.session],
    ['Response id', call.response_id],
    ['Notes', call.flags.map(flag => flag.replaceAll('_', ' ')).join(', ')],
  ];
  return facts.flatMap(([label, value]) => (value ? [{ label, value }] : []));
}
