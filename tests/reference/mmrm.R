# Reference answers for analysis/methods/repeated_measures.py on the example data of the R package mmrm.
# Run from this folder with `Rscript mmrm.R`; reads mmrm_data.csv, writes mmrm_answers.csv. R with nlme.
#
# mmrm_data.csv: the artificial data set fev_data of mmrm 0.3.18 (Apache License 2.0, copyright of the authors of mmrm,
# https://openpharma.github.io/mmrm), yes or no as 1 and 0. mmrm_published.csv: what mmrm's own documentation prints for
#   mmrm(FEV1 ~ RACE + SEX + ARMCD * AVISIT + us(AVISIT | USUBJID), data = fev_data)
# (summary on its first page: restricted likelihood, Satterthwaite's degrees of freedom).

library(nlme)
people <- na.omit(read.csv("mmrm_data.csv"))
people$visit_factor <- factor(people$visit)
fit <- gls(score ~ black + white + woman + treated * visit_factor, data = people, method = "REML",
           correlation = corSymm(form = ~ visit | person), weights = varIdent(form = ~ 1 | visit),
           control = glsControl(opt = "optim", tolerance = 1e-12, msTol = 1e-14, maxIter = 1000, msMaxIter = 1000))
rows <- summary(fit)$tTable
answers <- data.frame(term = c("constant", "black", "white", "woman", "treated", "visit_2", "visit_3", "visit_4",
                               "treated_2", "treated_3", "treated_4"),
                      estimate = rows[, "Value"], std_error = rows[, "Std.Error"])
file <- "mmrm_answers.csv"
writeLines(paste0("# ", R.version.string, "; nlme ", packageVersion("nlme"), "; restricted log-likelihood ",
                  format(as.numeric(logLik(fit)), digits = 12)), file)
suppressWarnings(write.table(format(answers, digits = 12), file, append = TRUE, sep = ",", row.names = FALSE,
                             quote = FALSE))
