# Variance shares by lme4 on s13_nested (three crossed batch variables) and t02_travel (subjects on scanners).
# Rscript mixed.R > mixed.json, in this folder.
suppressMessages({library(lme4); library(jsonlite)})
shares <- function(fit) {
  v <- as.data.frame(VarCorr(fit))
  s <- v$vcov / sum(v$vcov)
  as.list(setNames(s, v$grp))
}
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5), check.conv.singular = "ignore", calc.derivs = FALSE)
a <- read.csv("../combat/s13_nested/input.csv.gz")
b <- read.csv("../combat/t02_travel/input.csv.gz")
features <- function(d) grep("^f[0-9]+$", names(d), value = TRUE)
nested <- lapply(features(a), function(f) shares(suppressWarnings(lmer(as.formula(paste(f, "~ age + (1|manufacturer) + (1|kernel) + (1|slice)")), a, control = control))))
travel <- lapply(features(b), function(f) shares(suppressWarnings(lmer(as.formula(paste(f, "~ 1 + (1|subject_id) + (1|time)")), b, control = control))))
cat(toJSON(list(software = paste("R", getRversion(), "lme4", packageVersion("lme4")), nested = nested, travel = travel), auto_unbox = TRUE, digits = 12))
