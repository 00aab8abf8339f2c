import { Args, Context, ID, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';

import type { Principal } from '../auth/principal.js';
import { CurrentPrincipal, RequireRole } from '../auth/role.guard.js';
import type { HubContext } from '../graphql/context.js';
import { PageArgs, checkedPage, pageComplexity, pageOf, type Page } from '../graphql/page.js';
import { StudyModel } from '../studies/study.model.js';
import { SiteOverview } from './site.overview.js';
import { JoinOfferModel, SiteModel, SitePage } from './site.model.js';
import { SiteService } from './site.service.js';

@Resolver(() => StudyModel)
export class SiteResolver {
  constructor(
    private readonly sites: SiteService,
    private readonly overview: SiteOverview,
  ) {}

  @ResolveField('sites', () => SitePage, { description: 'By code.', complexity: pageComplexity })
  async list(
    @Parent() study: StudyModel,
    @Args() page: PageArgs,
    @Context() { loaders }: HubContext,
  ): Promise<Page<SiteModel>> {
    const { first, after } = checkedPage(page);
    const loader = loaders.get('sites', (studyIds) => this.overview.ofStudies(studyIds));
    const facts = await loader.load(study.id);
    const rest = facts.filter(({ site }) => after === null || site.code > after);
    return pageOf(rest.map(SiteModel.from), first, (site) => site.code);
  }

  @Mutation(() => JoinOfferModel, { description: 'A site that lost its keys is invited again under its code.' })
  @RequireRole('coordinator')
  async inviteSite(
    @Args('studyId', { type: () => ID }) studyId: string,
    @Args('code', { type: () => ID }) code: string,
    @Args('name', { type: () => String }) name: string,
    @CurrentPrincipal() principal: Principal,
  ): Promise<JoinOfferModel> {
    return this.sites.invite(studyId, code, name, principal.name);
  }
}
