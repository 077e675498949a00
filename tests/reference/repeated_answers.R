# Answers of R for tests/test_repeated_answers.py: shares of answers that people gave at one follow-up or two.
# Run in this folder: Rscript repeated_answers.R. It reads repeated_answers_data.csv (participant_id, wave, y) and writes
# repeated_answers_answers.csv: the pooled share and the mean of the follow-ups' shares, with standard errors of survey.
library(survey)

data <- read.csv("repeated_answers_data.csv")
data$wave <- factor(data$wave)
design <- svydesign(ids = ~participant_id, weights = ~1, data = data)
pooled <- svymean(~y, design)
by_wave <- svyby(~y, ~wave, design, svymean, covmat = TRUE)
mean_of <- svycontrast(by_wave, rep(1 / nlevels(data$wave), nlevels(data$wave)))
alone <- svydesign(ids = ~1, weights = ~1, data = data)
answers <- data.frame(
  name = c("pooled", "pooled_se", "mean", "mean_se", "alone_se"),
  value = c(coef(pooled), SE(pooled), coef(mean_of), SE(mean_of), SE(svymean(~y, alone)))
)
write.csv(format(answers, digits = 15), "repeated_answers_answers.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("survey", packageVersion("survey"))), "repeated_answers_R_version.txt")
