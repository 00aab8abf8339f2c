# Cohen's kappa of two raters by psych (GPL), run once; writes kappa.json beside this file.
# Rscript kappa.R > kappa.json
library(psych)
cases <- list(
  cohen = list(a = rep(c("x", "x", "y", "y"), c(20, 5, 10, 15)), b = rep(c("x", "y", "x", "y"), c(20, 5, 10, 15))),
  three = list(a = c("0", "1", "2", "2", "1", "0", "0", "2", "1", "1", "2", "0"),
               b = c("0", "1", "2", "1", "1", "0", "1", "2", "1", "0", "2", "2")),
  worse = list(a = c("a", "a", "b", "b", "a", "b"), b = c("b", "b", "a", "b", "b", "a")))
quoted <- function(v) paste0("[", paste0('"', v, '"', collapse = ","), "]")
rows <- mapply(function(name, case) {
  value <- cohen.kappa(cbind(as.integer(factor(case$a, levels = sort(unique(c(case$a, case$b))))),
                             as.integer(factor(case$b, levels = sort(unique(c(case$a, case$b)))))))$kappa
  sprintf('{"name":"%s","first":%s,"second":%s,"kappa":%.17g}', name, quoted(case$a), quoted(case$b), value)
}, names(cases), cases)
cat(sprintf('{"psych":"%s","cases":[%s]}\n', as.character(packageVersion("psych")), paste(rows, collapse = ",")))
