# Times R's packages on the files of a folder: number of the task, package, seconds (least of three), by tabulators.
suppressMessages({library(pROC); library(survival); library(glmnet)})
folder <- commandArgs(TRUE)[1]
read <- function(name) read.csv(file.path(folder, name))
say <- function(number, name, work, times = 3) {
  seconds <- min(sapply(seq_len(times), function(i) system.time(work())[["elapsed"]]))
  cat(number, name, seconds, sep = "\t"); cat("\n")
}
a <- read("million.csv")
say(1, "pROC", function() ci.auc(roc(a$y, a$s, quiet = TRUE, direction = "<", algorithm = 2)))
b <- read("big.csv")
say(3, "survival", function() concordance(Surv(time, status) ~ lp, b, reverse = TRUE))
s <- read("small.csv")
say(4, "survival", function() concordance(Surv(time, status) ~ lp, s, reverse = TRUE, timewt = "n/G2", ymax = 8))
say(9, "survival", function() coxph(Surv(time, status) ~ ., b[, c("time", "status", paste0("f", 1:20))]))
w <- read("wide.csv"); x <- as.matrix(w[, paste0("f", 1:1000)])
say(10, "glmnet", function() cv.glmnet(x, w$y, family = "binomial", alpha = 0.5, foldid = w$fold))
say(11, "glmnet", function() cv.glmnet(x, Surv(w$time, w$status), family = "cox", alpha = 0.5, foldid = w$fold), 1)
d <- read("ten.csv")
say(2, "pROC", function() ci.auc(roc(d$y, d$s, quiet = TRUE, direction = "<"), method = "bootstrap", boot.n = 2000, progress = "none"), 1)
