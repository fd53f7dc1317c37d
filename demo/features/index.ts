import { codeReview } from './code-review.ts';
import type { Feature } from './feature.ts';
import { searchRag } from './search-rag.ts';
import { summariser } from './summariser.ts';
import { supportBot } from './support-bot.ts';

/** Every feature of the demo application; a new one is a file and a line here. */
export const features: readonly Feature[] = [supportBot, searchRag, summariser, codeReview];
