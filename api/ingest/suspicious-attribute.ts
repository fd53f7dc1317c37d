/** Namespaces that instrumentations of models use for their own words. */
const CONVENTIONS =
  /^(gen_ai|genai|llm|ai|openai|anthropic|openinference|input|output|embedding|retrieval|reranker|traceloop|openlit|langfuse|azure\.ai|az\.ai|aws\.bedrock|gcp\.(gemini|vertex))\./;

/** What Driftline counts, under a name of the sender's own. */
const COUNTED =
  /(^|[._-])(llm|gen_?ai)[._-]|(prompt|completion|input|output|cached?|reasoning|thinking|total)[._-]?tokens?($|[._-])/i;

/** Settings of a request and descriptions, which are shown with the span and lose nothing by not being read. */
const HARMLESS =
  /\.(temperature|top_?[kp]|max_?(output_?|completion_?)?tokens|frequency_?penalty|presence_?penalty|stop_?sequences|seed|encoding_formats|choice\.count|description|definitions|headers?(\..+)?|max_?retries|output\.type|tool\.type)$|^ai\.(settings|telemetry|request\.headers)\.|^(langfuse|traceloop)\.(environment|release|version|association\.properties|observation\.metadata|trace\.metadata)/i;

/** Whether an attribute that no rule reads looks like a renamed convention: its name is in their words, and means something. */
export function isSuspicious(key: string): boolean {
  if (HARMLESS.test(key)) return false;
  return CONVENTIONS.test(key) || COUNTED.test(key);
}
