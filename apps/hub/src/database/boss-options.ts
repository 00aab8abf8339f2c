/** With these a dead worker's job is given to another in 11 to 12 s; with pg-boss's defaults it takes 60 s. */
export const BOSS_OPTIONS = { schedule: false, superviseIntervalSeconds: 2, monitorIntervalSeconds: 2 } as const;

export const STOP_OPTIONS = { graceful: true, timeout: 30_000 } as const;
