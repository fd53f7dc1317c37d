// An application that was written for Langfuse: its SDKs, and nothing but LANGFUSE_* variables says where they send.
import { LangfuseClient } from '@langfuse/client';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { propagateAttributes, startActiveObservation, startObservation } from '@langfuse/tracing';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({ spanProcessors: [new LangfuseSpanProcessor()] });
sdk.start();
const langfuse = new LangfuseClient();

const session = { traceName: process.env.APP_FEATURE, userId: 'u-1', sessionId: 's-1' };
const { trace, generation } = await propagateAttributes(session, () =>
  startActiveObservation('answer', root => {
    const chat = startObservation(
      'chat',
      { model: 'gpt-4o-mini', input: [{ role: 'user', content: 'Hallo' }] },
      { asType: 'generation' },
    );
    chat.update({ output: 'Guten Tag', usageDetails: { input: 12, output: 5 } }).end();
    return { trace: root, generation: chat };
  }),
);

langfuse.score.observation(generation, { name: 'helpfulness', value: 0, comment: 'did not help' });
langfuse.score.trace(trace, { name: 'tone', value: 'friendly', dataType: 'CATEGORICAL' });
langfuse.score.trace(trace, { name: 'grounded', value: 1, dataType: 'BOOLEAN', metadata: { judge: 'v2' } });
langfuse.score.observation(generation, { id: 'review-1', name: 'review', value: 0.2 });
await langfuse.flush();
langfuse.score.observation(generation, { id: 'review-1', name: 'review', value: 0.9 });
langfuse.score.create({ name: 'resolved', value: 1, sessionId: 's-1' });
await langfuse.flush();
await sdk.shutdown();

const projects = await langfuse.api.projects.get();
const health = await langfuse.api.health.health();
console.log(JSON.stringify({ traceId: trace.traceId, spanId: generation.id, projects, health }));
