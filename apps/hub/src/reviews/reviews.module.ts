import { Module } from '@nestjs/common';

import { BlindScoreService } from './blind-score.service.js';
import { QualityResolver } from './quality.resolver.js';
import { QualityService } from './quality.service.js';
import { ReviewResolver } from './review.resolver.js';
import { ReviewService } from './review.service.js';
import { StudiesModule } from '../studies/studies.module.js';

/** What people state, accept, contest and score; and what a study's quality comes to with it. */
@Module({
  imports: [StudiesModule],
  providers: [QualityService, ReviewService, BlindScoreService, QualityResolver, ReviewResolver],
})
export class ReviewsModule {}
