import { Args, Parent, ResolveField, Resolver } from '@nestjs/graphql';

import { PageArgs, checkedPage, pageComplexity, pageOf, type Page } from '../graphql/page.js';
import { StudyModel } from '../studies/study.model.js';
import { AuditEntryModel, AuditPage } from './audit.model.js';
import { AuditService } from './audit.service.js';

@Resolver(() => StudyModel)
export class AuditResolver {
  constructor(private readonly audit: AuditService) {}

  @ResolveField('audit', () => AuditPage, { description: 'Oldest first.', complexity: pageComplexity })
  async list(@Parent() study: StudyModel, @Args() page: PageArgs): Promise<Page<AuditEntryModel>> {
    const { first, after } = checkedPage(page);
    const records = await this.audit.page(study.id, Number(after ?? 0) || 0, first + 1);
    return pageOf(records.map(AuditEntryModel.from), first, (entry) => String(entry.sequence));
  }
}
