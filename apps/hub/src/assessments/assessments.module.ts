import { Module } from '@nestjs/common';

import { StoresModule } from '../stores.module.js';
import { AssessmentResolver } from './assessment.resolver.js';

/** Assessments, as fields of their studies. */
@Module({ imports: [StoresModule], providers: [AssessmentResolver] })
export class AssessmentsModule {}
