// Property tests draw the same cases in every run, so that a red test is red for its change and not by chance.
// To look for new counterexamples: CONCORD_TEST_SEED=$RANDOM npm run jest
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.CONCORD_TEST_SEED ?? 1) });
