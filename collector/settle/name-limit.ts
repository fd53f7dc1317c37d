import type { Call, ToolCall } from '../request/call.ts';

/** Stands for all names beyond the limit. */
export const otherName = 'other';

const dayMs = 86_400_000;
/** A name that was not used for so long makes room for another. */
export const rememberedDays = 7;
const maxExamples = 3;

interface ProjectNames {
  /** The day each was used last. */
  lastUsed: Map<string, number>;
  folded: number;
  foldedOn: number;
  examples: string[];
  cleanedOn: number;
}

/**
 * Keeps the distinct values of a column that charts and alerts divide by to so many per project: a feature named after a
 * user id must not make a series of each user. The first names stay, later ones become `other`, until one of the first
 * has not been used for a week.
 */
export class NameLimit {
  private readonly projects = new Map<string, ProjectNames>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The name, or `other` when there are too many. */
  fold(projectId: string, name: string, nowMs: number): string {
    if (name === '' || name === otherName) return name;
    const day = Math.floor(nowMs / dayMs);
    const project = this.of(projectId);
    const { lastUsed } = project;
    if (lastUsed.get(name) === day) return name;
    if (!lastUsed.has(name) && lastUsed.size >= this.limit) {
      this.forget(project, day);
      if (lastUsed.size >= this.limit) return this.other(project, name, day);
    }
    lastUsed.set(name, day);
    return name;
  }

  /** What the store has already. */
  remember(projectId: string, name: string, usedAtMs: number): void {
    if (name === '' || name === otherName) return;
    const { lastUsed } = this.of(projectId);
    const day = Math.floor(usedAtMs / dayMs);
    if (day > (lastUsed.get(name) ?? -1)) lastUsed.set(name, day);
  }

  /** Projects of which something was folded on the day of `nowMs`. */
  exceeded(nowMs: number): { projectId: string; folded: number; examples: readonly string[] }[] {
    const today = Math.floor(nowMs / dayMs);
    return [...this.projects].flatMap(([projectId, { folded, foldedOn, examples }]) =>
      foldedOn === today ? [{ projectId, folded, examples }] : [],
    );
  }

  private of(projectId: string): ProjectNames {
    const known = this.projects.get(projectId);
    if (known) return known;
    const fresh = {
      lastUsed: new Map<string, number>(),
      folded: 0,
      foldedOn: -1,
      examples: [],
      cleanedOn: -1,
    };
    this.projects.set(projectId, fresh);
    return fresh;
  }

  private forget(project: ProjectNames, day: number): void {
    if (project.cleanedOn === day) return;
    project.cleanedOn = day;
    for (const [name, used] of project.lastUsed) {
      if (used < day - rememberedDays) project.lastUsed.delete(name);
    }
  }

  private other(project: ProjectNames, name: string, day: number): string {
    if (project.foldedOn !== day) Object.assign(project, { foldedOn: day, folded: 0, examples: [] });
    project.folded++;
    const { examples } = project;
    if (examples.length < maxExamples && !examples.includes(name)) examples.push(name);
    return otherName;
  }
}

/** The columns of the ledger whose distinct values are limited. A call is priced by its exact model before. */
export class LedgerNames {
  readonly features: NameLimit;
  readonly models: NameLimit;

  constructor({ features, models }: { features: number; models: number }) {
    this.features = new NameLimit(features);
    this.models = new NameLimit(models);
  }

  /** What was asked for and what answered stay as they are; they are looked at call by call. */
  foldCall(projectId: string, call: Call, nowMs: number): Call {
    const feature = this.features.fold(projectId, call.feature, nowMs);
    const model = this.models.fold(projectId, call.model, nowMs);
    return feature === call.feature && model === call.model ? call : { ...call, feature, model };
  }

  foldTool(projectId: string, tool: ToolCall, nowMs: number): ToolCall {
    const feature = this.features.fold(projectId, tool.feature, nowMs);
    return feature === tool.feature ? tool : { ...tool, feature };
  }
}
