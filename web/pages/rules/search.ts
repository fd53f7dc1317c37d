export const rulesTabs = ['rules', 'silences', 'routes'] as const;
export type RulesTab = (typeof rulesTabs)[number];

/** Which tab; the rule being edited (`new` for one), or the alert being looked at. */
export interface RulesSearch {
  tab?: RulesTab;
  edit?: string;
  alert?: string;
}
