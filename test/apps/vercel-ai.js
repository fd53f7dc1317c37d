// An application on the Vercel AI SDK with telemetry switched on, as its documentation shows.
import { createOpenAI } from '@ai-sdk/openai';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { embed, generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';

const sdk = new NodeSDK();
sdk.start();

const openai = createOpenAI({ baseURL: process.env.MODEL_URL, apiKey: 'sk-test' });
const metadata = { userId: 'user-4711', sessionId: 'sess-1', tenant: 'acme-gmbh', promptVersion: 'v7' };
const telemetry = functionId => ({ isEnabled: true, functionId, metadata });

const answer = await generateText({
  model: openai.chat('gpt-4o-mini'),
  system: 'You answer in one sentence.',
  prompt: 'How warm is Oslo? (flaky line)',
  experimental_telemetry: telemetry('answer-question'),
});

const chatStream = streamText({
  model: openai.chat('gpt-4o-mini'),
  prompt: 'Stream the weather of Oslo.',
  experimental_telemetry: telemetry('stream-chat'),
});
const streamed = await chatStream.text;

const responseStream = streamText({
  model: openai.responses('gpt-5-mini'),
  prompt: 'Think about the weather of Oslo.',
  experimental_telemetry: telemetry('stream-response'),
});
const thought = await responseStream.text;

const agent = await generateText({
  model: openai.chat('gpt-4o-mini'),
  prompt: 'Is a jacket needed in Oslo?',
  stopWhen: stepCountIs(3),
  tools: {
    get_weather: tool({
      description: 'Weather of a city',
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => ({ city, celsius: 21 }),
    }),
  },
  experimental_telemetry: telemetry('weather-agent'),
});

await generateText({
  model: openai.chat('gpt-4o-mini'),
  prompt: 'Something forbidden.',
  experimental_telemetry: telemetry('refused-question'),
}).catch(() => {});

await embed({
  model: openai.embedding('text-embedding-3-small'),
  value: 'jackets for autumn',
  experimental_telemetry: telemetry('search-index'),
});

await sdk.shutdown();
console.log(JSON.stringify({ answer: answer.text, streamed, thought, steps: agent.steps.length }));
