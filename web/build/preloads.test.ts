import { expect, test } from 'vitest';
import { alertsQuestion } from '../data/alerts.ts';
import { addressOf } from '../data/ask.ts';
import { digestQuestion } from '../data/digest.ts';
import { onboardingQuestion } from '../data/onboarding.ts';
import { overviewQuestion } from '../data/overview.ts';
import { featuresRequest, qualityQuestion } from '../data/quality.ts';
import { ruleAlertsQuestion } from '../data/rules.ts';
import { readViewSearch, toView, whereOf } from '../state/view.ts';
import { firstQuestions } from './preloads.ts';

test('what is asked before the scripts have come is what they ask', () => {
  const view = toView(readViewSearch({}));
  const asked = [
    onboardingQuestion(),
    alertsQuestion(),
    ruleAlertsQuestion(),
    overviewQuestion(view, whereOf(view)),
  ];
  expect([...firstQuestions.frame, ...(firstQuestions.pages['/'] ?? [])]).toEqual(asked.map(address));
  expect(firstQuestions.pages['/alerts']).toEqual([address(digestQuestion())]);
  const features = qualityQuestion(featuresRequest(view, whereOf(view)));
  expect(firstQuestions.pages['/quality']).toEqual([address(features)]);
});

const address = ({ queryKey: [path, request] }: { queryKey: readonly [string, unknown, unknown] }) =>
  addressOf(path, {}, request);
