import type { StudyReport } from '@concord/reports';

import type { Study } from '../api/study-query.js';
import type { Loaded } from '../live/use-loaded.js';

/** What each part of a study is given. The report is null until the hub has written it. */
export interface PartProps {
  readonly study: Study;
  readonly report: Loaded<StudyReport> | null;
  readonly reload: () => void;
}
