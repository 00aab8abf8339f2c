# One-way intraclass correlations of single measurements, ICC(1,1), with 95 % intervals from F, by psych.
# Rscript icc.R > icc.json
suppressMessages(library(psych))
set.seed(20)
regions <- 7
versions <- 5
spreads <- c(0.05, 0.4, 1, 6)
features <- lapply(spreads, function(spread) {
  round(rnorm(regions) + matrix(rnorm(regions * versions, sd = spread), regions, versions), 6)
})
number <- function(x) format(x, digits = 15)
one <- function(values) {
  icc <- ICC(values, lmer = FALSE)$results[1, ]
  rows <- apply(values, 1, function(row) paste0("[", paste(number(row), collapse = ", "), "]"))
  sprintf('{"values": [%s], "icc": %s, "lower": %s, "upper": %s}',
          paste(rows, collapse = ", "), number(icc$ICC), number(icc[["lower bound"]]), number(icc[["upper bound"]]))
}
cat(sprintf('{"R": "%s", "psych": "%s", "features": [\n%s\n]}\n', getRversion(), packageVersion("psych"),
            paste(sapply(features, one), collapse = ",\n")))
