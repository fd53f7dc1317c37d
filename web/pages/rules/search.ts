export const rulesTabs = ['rules', 'silences', 'routes'] as const;
export type RulesTab = (typeof rulesTabs)[number];

/** Which tab, and the rule being edited (`new` for one). */
export interface RulesSearch {
  tab?: RulesTab;
  edit?: string;
}
