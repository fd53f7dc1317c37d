/** Attributes that hold what people wrote, what models answered, or what tools were given and returned. */
const keys: ReadonlySet<string> = new Set([
  // GenAI conventions, all versions
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.tool.definitions',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'gen_ai.tool.args',
  'gen_ai.retrieval.query.text',
  'gen_ai.retrieval.documents',
  'gen_ai.prompt',
  'gen_ai.completion',
  'gen_ai.event.content',
  'gen_ai.content.prompt',
  'gen_ai.content.completion',
  // OpenInference
  'input.value',
  'output.value',
  'llm.prompts',
  'llm.prompt_template.template',
  'llm.prompt_template.variables',
  'llm.function_call',
  'reranker.query',
  'tool.parameters',
  'tool.json_schema',
  'tool_call.function.arguments',
  // OpenLLMetry
  'traceloop.entity.input',
  'traceloop.entity.output',
  'traceloop.prompt.template',
  'traceloop.prompt.template_variables',
  'llm.request.functions',
  // AI SDK
  'ai.prompt',
  'ai.prompt.messages',
  'ai.prompt.tools',
  'ai.response.text',
  'ai.response.object',
  'ai.response.reasoning',
  'ai.response.toolCalls',
  'ai.response.files',
  'ai.result.text',
  'ai.result.object',
  'ai.result.toolCalls',
  'ai.toolCall.args',
  'ai.toolCall.result',
  'ai.value',
  'ai.values',
  'ai.embedding',
  'ai.embeddings',
  'ai.schema',
  'ai.documents',
  'ai.ranking',
  // Langfuse
  'langfuse.observation.input',
  'langfuse.observation.output',
  'langfuse.trace.input',
  'langfuse.trace.output',
]);

/** The same as families of keys. `gen_ai.prompt.name` and `.version` are not content, `gen_ai.prompt.0.content` is. */
const families: readonly RegExp[] = [
  /^gen_ai\.(prompt|completion)\.\d+\./,
  /^llm\.(input_messages|output_messages|prompts|completions|tools|request\.functions)\./,
  /^embedding\.embeddings\./,
  /^retrieval\.documents\./,
  /^reranker\.(input|output)_documents\./,
  /^traceloop\.prompt\.template_variables\./,
  /^ai\.prompt\.tools\./,
];

/** First letters of the families: most attributes are cleared by one comparison. */
const mayBeFamily =
  /^(gen_ai\.(prompt|completion)\.|llm\.|embedding\.|retrieval\.|reranker\.|traceloop\.|ai\.)/;

/** Whether an attribute holds content. */
export function isContentKey(key: string): boolean {
  return keys.has(key) || (mayBeFamily.test(key) && families.some(family => family.test(key)));
}

/** Whether the value of an attribute is a secret by its name alone. */
export function isSecretKey(key: string): boolean {
  return /(?:secret|access)[ _.-]?key$/i.test(key);
}
