# R sva on the numbers of a folder: shortest time of the call, peak of memory, mean of the result.
suppressMessages({library(sva); library(jsonlite)})
args <- commandArgs(TRUE)
case <- fromJSON(file.path(args[1], 'case.json'))
x <- matrix(readBin(file.path(args[1], 'values.bin'), 'double', case$patients * case$features), nrow = case$features, byrow = TRUE)
mod <- model.matrix(~ factor(sex) + age, case[c('sex', 'age')])
repeats <- if (length(x) > 1e6) 1 else as.integer(args[2])
times <- sapply(seq_len(repeats), function(k) {
  t <- system.time(result <<- suppressMessages(ComBat(x, case$batch, mod)))
  c(t[['elapsed']], t[['user.self']] + t[['sys.self']])
})
status <- readLines('/proc/self/status')
peak <- as.numeric(gsub('[^0-9]', '', grep('VmHWM', status, value = TRUE))) / 1024
write(toJSON(list(seconds = min(times[1, ]), processor = min(times[2, ]), megabytes = peak, mean = mean(result)), auto_unbox = TRUE, digits = 15), file.path(args[1], 'result.json'))
